import type { EmailForm } from '../../base/email-form.ts';
import type { Context } from '../context.ts';
import type { Policy } from '../policy.ts';
import type { Person } from './user.ts';

/** An operator's rule about who may sign up (core map M2; hexclave spec §3.1). */
export interface SignUpRule {
  readonly id: string;
  /** Higher ones are asked first; among equals, the smaller id. */
  readonly priority: number;
  /** Null holds for everybody. */
  readonly condition: string | null;
  readonly action: 'allow' | 'reject' | 'restrict' | 'log';
}

/** Of a project, with those that are off: each is read at every start, and asked at every sign-up. */
export const mostSignUpRules = 100;
/** Characters of all their conditions together: reading them keeps the process from everybody else. */
export const mostConditionText = 20_000;

/** What is known about somebody before they exist. */
export interface SignUpFacts {
  readonly email: EmailForm | null;
  readonly method: 'password' | 'otp' | 'oauth' | 'passkey';
  readonly provider: string | null;
}

/** Decides whether conditions hold. One that is broken, or takes too long, holds for nobody. */
export interface Conditions {
  /**
   * One sign-up: all that is asked about it shares one bound of time, so that it does not grow with the rules.
   * @param asked what will be asked, in that order, so far as nothing decides before
   */
  about(facts: Readonly<Record<string, unknown>>, asked: readonly string[]): (condition: string) => boolean;
  /** Why a condition cannot be asked; null when it can. */
  problem(condition: string): string | null;
}

/** Of the rules that are on, by id. */
export const conditionsOf = ({ signUp }: Policy): readonly (readonly [id: string, condition: string | null])[] =>
  signUp.rules.map(({ id, condition }) => [id, condition] as const);

export interface SignUpVerdict {
  readonly admitted: boolean;
  /** The first rule that restricts the person. */
  readonly restrictedBy: string | null;
  /** Rules that applied, for the event. */
  readonly applied: readonly string[];
}

/**
 * Asks the project's rules in order. `allow` and `reject` decide; `restrict` and `log` leave it to those after them.
 * Scores of risk are not computed here and stand at zero.
 */
export function judgeSignUp(ctx: Pick<Context, 'project' | 'conditions'>, facts: SignUpFacts): SignUpVerdict {
  const { rules, defaultAction } = ctx.project.policy.signUp;
  const asked = [...rules].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
  const known = {
    email: facts.email?.normal ?? '',
    emailDomain: facts.email?.normal.split('@')[1] ?? '',
    countryCode: '',
    authMethod: facts.method,
    oauthProvider: facts.provider ?? '',
    riskScores: { bot: 0, free_trial_abuse: 0 },
  };
  const holds = ctx.conditions.about(
    known,
    asked.flatMap(({ condition }) => condition ?? []),
  );
  const applied: string[] = [];
  let restrictedBy: string | null = null;
  for (const { id, condition, action } of asked) {
    if (condition !== null && !holds(condition)) continue;
    applied.push(id);
    if (action === 'allow' || action === 'reject') return { admitted: action === 'allow', restrictedBy, applied };
    if (action === 'restrict') restrictedBy ??= id;
  }
  return { admitted: defaultAction === 'allow', restrictedBy, applied };
}

/** The newcomer as the rules let them in. */
export const underVerdict = (newcomer: Person, verdict: SignUpVerdict | null): Person =>
  verdict?.restrictedBy == null
    ? newcomer
    : {
        ...newcomer,
        restrictedAt: newcomer.createdAt,
        restrictedPrivate: `Restricted by the sign-up rule ${verdict.restrictedBy}`,
      };
