/// <reference lib="dom" />
import { magicLinkClient, organizationClient, twoFactorClient } from 'better-auth/client/plugins';
import { createAuthClient } from 'better-auth/react';
import { passkeyClient } from 'better-auth-seed/client/plugins';
import { createElement, Fragment } from 'react';
import { createRoot } from 'react-dom/client';

declare const window: { server: string; auth: unknown } & Window;

/** A small application: its server's address is in the page, and everything else is the unmodified client's doing. */
const auth = createAuthClient({
  baseURL: window.server,
  plugins: [
    organizationClient({ teams: { enabled: true } }),
    twoFactorClient(),
    magicLinkClient(),
    passkeyClient() as never,
  ],
});
window.auth = auth;

const shown = (id: string, text: string) => createElement('output', { id }, text);

function Organization() {
  const active = auth.useActiveOrganization();
  const all = auth.useListOrganizations();
  if (active.isPending || all.isPending) return null;
  const faults = [active.error, all.error].filter(Boolean).map((fault) => JSON.stringify(fault));
  return createElement(
    Fragment,
    null,
    shown('active', active.data?.name ?? 'none'),
    shown('organizations', (all.data ?? []).map(({ name }) => name).join()),
    shown('faults', faults.join()),
  );
}

function Application() {
  const { data, isPending, error } = auth.useSession();
  if (isPending) return null;
  if (error) return shown('who', `fault: ${error.message}`);
  if (!data) return shown('who', 'nobody');
  return createElement(Fragment, null, shown('who', data.user.email), createElement(Organization));
}

createRoot(document.querySelector('#root')!).render(createElement(Application));
