import { parseCookie } from 'cookie';
import type { Context } from '../../core/context.ts';
import { checkSessionNow } from '../../core/sessions/check-session.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { Raw } from '../kit/answer.ts';
import type { AnswerAtOnce, ReadyAnswer } from '../kit/shortcuts.ts';
import { keptWith } from './kept.ts';
import type { Cookies } from './session-cookies.ts';
import type { BetterAuthSettings } from './settings.ts';
import { sessionWire, userWire } from './wire.ts';

export const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

interface Wiring {
  readonly ctx: Pick<Context, 'project'>;
  readonly settings: BetterAuthSettings;
}

/** Who is signed in. Rendered once for as long as neither session nor person changes: nothing is asked more often. */
export function sessionAnswer(wiring: Wiring, token: string, live: LiveSession): ReadyAnswer {
  const kept = keptWith(live);
  const json = kept.json ?? render(wiring, token, live);
  if (json.bytes.length <= mostKept) kept.json = json;
  return { status: 200, body: json, headers: noStore };
}

/** Bytes. The session cache counts its sessions as ordinary ones, which have no more with them. */
const mostKept = 2_048;

const render = (wiring: Wiring, token: string, { session, user }: LiveSession): Raw =>
  new Raw(
    JSON.stringify({
      session: sessionWire(session, token, wiring),
      user: userWire(user, wiring.settings),
    }),
  );

/** `GET /get-session` where a cookie is all that a request brings, its session is known and nothing is to be extended. */
export function sessionAtOnce(ctx: Context, settings: BetterAuthSettings, cookies: Cookies): AnswerAtOnce {
  const wiring = { ctx, settings };
  return (headers) => {
    // A token that services believe by themselves is never made from memory (core map T11).
    if (settings.jwt || headers.authorization !== undefined || headers['x-api-key'] !== undefined) return null;
    const token = cookies.verify(parseCookie(headers.cookie ?? '')[cookies.session]);
    const live = token === null ? null : checkSessionNow(ctx, token);
    return live && sessionAnswer(wiring, token!, live);
  };
}
