/// <reference lib="dom" />
import {
  SelectedTeamSwitcher,
  StackClientApp,
  StackHandler,
  StackProvider,
  StackTheme,
  UserButton,
} from '@stackframe/react';
import { createElement, Suspense, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';

declare const settings: { readonly baseUrl: string; readonly projectId: string; readonly publishableClientKey: string };

/** The routes of an application of one page. */
const navigate = (to: string) => {
  if (new URL(to, location.href).origin !== location.origin) return location.assign(to);
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
  dispatchEvent(new HashChangeEvent('hashchange'));
};
const subscribe = (changed: () => void) => {
  addEventListener('popstate', changed);
  return () => removeEventListener('popstate', changed);
};
const here = () => location.pathname + location.search;

/** An application as the documentation of the client has it: with routes of its own, or with a page at each address. */
const pages = localStorage.getItem('pages') !== null;
const app = new StackClientApp({
  ...settings,
  tokenStore: 'cookie',
  urls: { home: '/', handler: '/handler' },
  redirectMethod: pages ? 'window' : { useNavigate: () => navigate, navigate },
});
Object.assign(globalThis, { app, navigate });

const home = createElement(
  'main',
  {},
  createElement(UserButton),
  createElement(SelectedTeamSwitcher, { allowNull: true }),
);

function Page() {
  const at = useSyncExternalStore(subscribe, here);
  return at.startsWith('/handler') ? createElement(StackHandler, { fullPage: true, key: at }) : home;
}

createRoot(document.querySelector('#root')!).render(
  createElement(
    Suspense,
    { fallback: 'loading' },
    createElement(StackProvider, { app, children: createElement(StackTheme, { children: createElement(Page) }) }),
  ),
);
