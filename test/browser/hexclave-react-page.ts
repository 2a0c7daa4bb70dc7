/// <reference lib="dom" />
import {
  SelectedTeamSwitcher,
  StackClientApp,
  StackHandler,
  StackProvider,
  StackTheme,
  UserButton,
} from '@stackframe/react';
import { createElement, Suspense } from 'react';
import { createRoot } from 'react-dom/client';

declare const settings: { readonly baseUrl: string; readonly projectId: string; readonly publishableClientKey: string };

/** An application as the documentation of the client has it. */
const app = new StackClientApp({ ...settings, tokenStore: 'cookie', urls: { home: '/', handler: '/handler' } });

const home = createElement(
  'main',
  {},
  createElement(UserButton),
  createElement(SelectedTeamSwitcher, { allowNull: true }),
);
const page = location.pathname.startsWith('/handler') ? createElement(StackHandler, { fullPage: true }) : home;

createRoot(document.querySelector('#root')!).render(
  createElement(
    Suspense,
    { fallback: 'loading' },
    createElement(StackProvider, { app, children: createElement(StackTheme, { children: page }) }),
  ),
);
