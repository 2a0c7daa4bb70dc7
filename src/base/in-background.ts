/**
 * Lets work go on that nobody waits for. A fault of it is reported: an unhandled rejection would end the process.
 * `void promise` is not written anywhere in `src`, `test/architecture.test.ts` sees to it.
 */
export function inBackground(
  work: Promise<unknown>,
  onFault: (what: string, fault: unknown) => void,
  what = 'work in the background failed',
): void {
  work.catch((fault) => onFault(what, fault));
}
