/** Why the server does not start, or a command does not run, in words for the operator. */
export class StartRefusal extends Error {
  readonly problem: string;
  readonly mend: string;

  /** @param problem what is wrong and why that matters, without a full stop. @param mend whole sentences: what to do */
  constructor(problem: string, mend: string) {
    super(`${problem}. ${mend}`);
    this.name = 'StartRefusal';
    this.problem = problem;
    this.mend = mend;
  }
}
