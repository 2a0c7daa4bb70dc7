import { Refusal } from '../../base/refusal.ts';
import type { RequestOrigin } from '../actor.ts';
import type { Context } from '../context.ts';

/** What a challenge is about; the service that made the token names it too. */
export type ChallengedAction = 'sign_up_with_credential' | 'send_magic_link_email' | 'oauth_authenticate';

/** What a browser brings from a challenge (hexclave spec §1.16). */
export interface ChallengeAnswer {
  readonly token: string | null;
  /** Null: the token only feeds judgement, and never blocks. */
  readonly phase: 'invisible' | 'visible' | null;
  /** The browser could not load the challenge at all. */
  readonly unavailable: boolean;
}

/** A service that tells people from programs. */
export interface BotChallenge {
  /** Was this token made here, for this action, by a person? */
  verify(request: {
    readonly token: string;
    readonly action: ChallengedAction;
    readonly ip: string | null;
    /** Hosts that tokens may come from. */
    isOwnHost(host: string): boolean;
  }): Promise<'yes' | 'no' | 'unavailable'>;
}

/**
 * Asks the project's challenge service, where there is one.
 * @returns whether a new person may come of this request: without a challenge, because the browser could not load it or the
 * service does not answer, people may sign in, but not sign up
 * @throws Refusal bot_challenge_required (try again where it can be seen), bot_challenge_failed
 */
export async function checkBotChallenge(
  ctx: Pick<Context, 'botChallenge' | 'project'>,
  from: RequestOrigin,
  action: ChallengedAction,
  answer: ChallengeAnswer | null,
): Promise<{ readonly mayMakePerson: boolean }> {
  if (!ctx.botChallenge || !answer) return { mayMakePerson: true };
  if (answer.unavailable) return { mayMakePerson: false };
  if (answer.phase === null) return { mayMakePerson: true };
  const said =
    answer.token === null
      ? 'no'
      : await ctx.botChallenge.verify({
          token: answer.token,
          action,
          ip: from.ip,
          isOwnHost: (host) => isOwnHost(ctx, host),
        });
  if (said !== 'no') return { mayMakePerson: said === 'yes' };
  if (answer.phase === 'invisible') throw new Refusal('bot_challenge_required');
  throw new Refusal('bot_challenge_failed', { field: 'Visible bot challenge verification failed' });
}

/** What a path that would make a person refuses when the challenge could not be shown. */
export const challengeNotCompleted = (): Refusal =>
  new Refusal('bot_challenge_failed', { field: 'Visible bot challenge could not be completed' });

function isOwnHost({ project }: Pick<Context, 'project'>, host: string): boolean {
  const { localhost, origins } = project.policy.redirects;
  if (localhost && /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3})$/.test(host)) return true;
  return origins.some((origin) => {
    const pattern = /^https?:\/\/([^/:]+)/i.exec(origin)?.[1];
    return pattern !== undefined && hostMatches(pattern.toLowerCase(), host.toLowerCase());
  });
}

function hostMatches(pattern: string, host: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  const source = escaped.replaceAll('**', '\u0000').replaceAll('*', '[^.]+').replaceAll('\u0000', '.+');
  return new RegExp(`^${source}$`).test(host);
}
