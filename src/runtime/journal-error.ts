/** A journal that cannot be used or written; the message names the file, the reason and what to do. */
export class JournalError extends Error {
  override name = "JournalError";
}
