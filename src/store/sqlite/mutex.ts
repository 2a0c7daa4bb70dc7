/** Lets one holder in at a time, in the order they came. Resolves to the function that lets the next one in. */
export function fifoMutex(): () => Promise<() => void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    return before.then(() => resolve);
  };
}
