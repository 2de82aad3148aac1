import { Resonate } from "@resonatehq/sdk";

// In-memory while RESONATE_URL is not set; otherwise a worker of that server.
export const resonate = new Resonate();
