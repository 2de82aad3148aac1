/** What a program did to the outside world, in order. */
export const effects: string[] = [];
