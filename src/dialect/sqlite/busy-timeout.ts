/** A busy time-out blocks the event loop for as long as it waits: milliseconds only, the rest is waited for outside. */
export const busyTimeoutMs = 2;
