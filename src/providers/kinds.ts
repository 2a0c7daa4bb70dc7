import { apple } from './kinds/apple.ts';
import { bitbucket } from './kinds/bitbucket.ts';
import { discord } from './kinds/discord.ts';
import { facebook } from './kinds/facebook.ts';
import { github } from './kinds/github.ts';
import { gitlab } from './kinds/gitlab.ts';
import { google } from './kinds/google.ts';
import { linkedin } from './kinds/linkedin.ts';
import { microsoft } from './kinds/microsoft.ts';
import { oidc } from './kinds/oidc.ts';
import { spotify } from './kinds/spotify.ts';
import { twitch } from './kinds/twitch.ts';
import { twitter } from './kinds/twitter.ts';
import type { ProviderKind } from './provider-kind.ts';

/** A new provider is one row here and one small file beside the others. */
export const kinds: ReadonlyMap<string, ProviderKind> = new Map(
  Object.entries({
    apple,
    bitbucket,
    discord,
    facebook,
    github,
    gitlab,
    google,
    linkedin,
    microsoft,
    oidc,
    spotify,
    twitch,
    twitter,
  }),
);
