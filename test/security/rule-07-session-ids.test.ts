import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { axumKitStage } from '../kit/axumkit.ts';
import { stageOf as hexclaveStage } from '../kit/hexclave.ts';
import { onEveryEngine } from '../kit/stage.ts';

onEveryEngine('the id of a session is no secret, and opens nothing (rule 7)', {}, (stage) => {
  test('also right after it was looked up by its id', async () => {
    const { world } = stage;
    const project = await hexclaveStage(() => world).existing(world.app.mainProject.project.id);
    const { access_token: token } = await project.signUp(stage.address());
    expect((await project.request('GET /users/me', { token })).status).toBe(200);
    const { refresh_token_id: id } = decodeJwt<{ refresh_token_id: string }>(token);
    for (const shown of [id, `id:${id}`]) {
      const inAxumKit = await axumKitStage(stage)
        .browser({ cookie: `session_id=${encodeURIComponent(shown)}` })
        .get('/v0/user/me');
      const raw = await axumKitStage(stage)
        .browser({ cookie: `session_id=${shown}` })
        .get('/v0/user/me');
      expect([inAxumKit.status, raw.status]).toEqual([401, 401]);
      const refreshed = await project.request('POST /auth/sessions/current/refresh', { refreshToken: shown });
      expect(refreshed.body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
      const bearer = await stage.browser().get('/get-session', { authorization: `Bearer ${shown}` });
      expect(bearer.text).toBe('null');
    }
  });
});
