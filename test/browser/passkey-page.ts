/// <reference lib="dom" />
import { createAuthClient } from 'better-auth-seed/client';
import { passkeyClient } from 'better-auth-seed/client/plugins';

declare const window: { auth: unknown } & Window;
window.auth = createAuthClient({ baseURL: `${location.origin}/better-auth/api/auth`, plugins: [passkeyClient()] });
