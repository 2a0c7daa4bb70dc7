import { Refusal } from '../../src/base/refusal.ts';

/** `ok`, or the code of the refusal. Faults are thrown. */
export const outcomeOf = (use: Promise<unknown>): Promise<string> =>
  use.then(
    () => 'ok',
    (refusal: unknown) => {
      if (refusal instanceof Refusal) return refusal.code;
      throw refusal;
    },
  );

/** The outcomes of one thing done several times, one after another. */
export async function outcomes(count: number, act: () => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  for (let done = 0; done < count; done += 1) found.push(await outcomeOf(act()));
  return found;
}
