/** When the first of an answer is due, in milliseconds after its request. */
export const FIRST_MS = 5;

/** When the last of it is: whoever waits for that before it tells of the first is found out. */
export const LAST_MS = 15;
