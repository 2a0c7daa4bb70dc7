import { Type } from 'typebox';
import { isoTime } from '../../../base/clock.ts';
import { Refusal } from '../../../base/refusal.ts';
import {
  approveCliLogin,
  claimCliSession,
  inspectCliLogin,
  pollCliLogin,
} from '../../../core/cli-login/finish-cli-login.ts';
import { startCliLogin } from '../../../core/cli-login/start-cli-login.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, OneOf, success } from '../schemas.ts';
import { text } from '../wire-error.ts';

const tag = 'CLI';

const anonymousTexts: Readonly<Record<string, string>> = {
  unknown: 'Invalid anon refresh token',
  expired: 'The provided anon refresh token has expired',
  not_anonymous: 'The provided refresh token does not belong to an anonymous user',
};

export const startCli = endpoint('POST /auth/cli', {
  needs: 'project_client',
  operationId: 'startCliLogin',
  summary: 'Start a sign-in that a browser finishes',
  tag,
  bodyOptional: true,
  body: Fields({
    expires_in_millis: Type.Optional(Type.Number({ minimum: 1, maximum: 900_000 })),
    anon_refresh_token: Type.Optional(Type.String()),
  }),
  replies: {
    200: Type.Object({ polling_code: Type.String(), login_code: Type.String(), expires_at: Type.String() }),
  },
  refusals: { cli_anonymous_rejected: ({ field = 'unknown' }) => text(400, anonymousTexts[field]!) },
  async handle(call) {
    const { expires_in_millis: life, anon_refresh_token: anonymousToken = null } = call.body;
    const started = await startCliLogin(call.ctx, {
      lifeSeconds: life === undefined ? call.settings.cliLoginSeconds : life / 1000,
      anonymousToken,
    });
    return json({
      polling_code: started.pollingCode,
      login_code: started.loginCode,
      expires_at: isoTime(started.expiresAt),
    });
  },
});

export const completeCli = endpoint('POST /auth/cli/complete', {
  needs: 'project_client',
  operationId: 'completeCliLogin',
  summary: 'The browser’s part of a command-line sign-in',
  tag,
  body: Fields({
    login_code: Type.String(),
    mode: Type.Optional(OneOf('check', 'claim-anon-session', 'complete')),
    refresh_token: Type.Optional(Type.String()),
  }),
  replies: {
    200: Type.Union([
      success,
      Type.Object({ cli_session_state: OneOf('anonymous', 'none') }),
      Type.Object({ access_token: Type.String(), refresh_token: Type.String() }),
    ]),
  },
  refusals: {
    cli_login_not_found: text(400, 'Invalid login code or the code has expired'),
    cli_no_anonymous_session: ({ field }) =>
      text(
        400,
        field === 'over' ? 'Anonymous session is no longer valid' : 'No anonymous session associated with this code',
      ),
    refresh_token_rejected: ({ field }) =>
      text(400, field === 'missing' ? "refresh_token is required when mode is 'complete'" : 'Invalid refresh token'),
  },
  async handle(call) {
    const { login_code: loginCode, mode = 'complete', refresh_token: token } = call.body;
    const { ctx } = call;
    if (mode === 'check') return json({ cli_session_state: await inspectCliLogin(ctx, loginCode) });
    if (mode === 'claim-anon-session') {
      const claimed = await claimCliSession(ctx, loginCode);
      const { access_token, refresh_token } = await call.tokens(claimed.token, claimed.live);
      return json({ access_token, refresh_token });
    }
    if (token === undefined) throw new Refusal('refresh_token_rejected', { field: 'missing' });
    await approveCliLogin(ctx, call.newcomer, { loginCode, token });
    return json({ success: true });
  },
});

export const pollCli = endpoint('POST /auth/cli/poll', {
  needs: 'project_client',
  operationId: 'pollCliLogin',
  summary: 'Is the sign-in done? The token is told once, with 201',
  tag,
  body: Fields({ polling_code: Type.String() }),
  replies: {
    200: Type.Object({ status: OneOf('waiting', 'expired', 'used') }),
    201: Type.Object({ status: Type.Literal('success'), refresh_token: Type.String() }),
  },
  async handle(call) {
    const state = await pollCliLogin(call.ctx, call.body.polling_code);
    return state.kind === 'done'
      ? json({ status: 'success', refresh_token: state.token }, 201)
      : json({ status: state.kind });
  },
});
