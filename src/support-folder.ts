/** The folder of support modules, beside the module of a package's client. */
export const supportFolder = "durable";

/** Whether a file, under a path with either kind of slash, stands in such a folder. */
export function isSupportFile(file: string): boolean {
  return file.split(/[\\/]/).at(-2) === supportFolder;
}
