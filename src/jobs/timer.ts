/** Runs `work` every `ms` milliseconds until the returned function is called. Does not keep the process alive. */
export type Every = (ms: number, work: () => void) => () => void;

export const systemEvery: Every = (ms, work) => {
  const timer = setInterval(work, ms);
  timer.unref();
  return () => clearInterval(timer);
};
