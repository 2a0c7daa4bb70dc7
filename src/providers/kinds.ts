import { apple } from './kinds/apple.ts';
import { bitbucket } from './kinds/bitbucket.ts';
import { discord } from './kinds/discord.ts';
import { dropbox } from './kinds/dropbox.ts';
import { facebook } from './kinds/facebook.ts';
import { figma } from './kinds/figma.ts';
import { github } from './kinds/github.ts';
import { gitlab } from './kinds/gitlab.ts';
import { google } from './kinds/google.ts';
import { kick } from './kinds/kick.ts';
import { linkedin } from './kinds/linkedin.ts';
import { microsoft } from './kinds/microsoft.ts';
import { notion } from './kinds/notion.ts';
import { oidc } from './kinds/oidc.ts';
import { reddit } from './kinds/reddit.ts';
import { roblox } from './kinds/roblox.ts';
import { slack } from './kinds/slack.ts';
import { spotify } from './kinds/spotify.ts';
import { tiktok } from './kinds/tiktok.ts';
import { twitch } from './kinds/twitch.ts';
import { twitter } from './kinds/twitter.ts';
import { vk } from './kinds/vk.ts';
import { zoom } from './kinds/zoom.ts';
import type { ProviderKind } from './provider-kind.ts';

/** A new provider is one row here and one small file beside the others. */
export const kinds: ReadonlyMap<string, ProviderKind> = new Map(
  Object.entries({
    apple,
    bitbucket,
    discord,
    dropbox,
    facebook,
    figma,
    github,
    gitlab,
    google,
    kick,
    linkedin,
    microsoft,
    notion,
    oidc,
    reddit,
    roblox,
    slack,
    spotify,
    tiktok,
    twitch,
    twitter,
    vk,
    zoom,
  }),
);
