import type { SurfaceProfile } from '../../core/surface.ts';
import { usualProfile } from '../../core/usual-profile.ts';

/** Our own pages. The command line uses the same numbers under its own name. */
export const pagesProfile: SurfaceProfile = {
  ...usualProfile,
  name: 'pages',
  organizations: { ...usualProfile.organizations, reinvite: 'extend' },
  // Paths of pages come with the method: forms write, and setting a password costs a hash.
  limits: [
    { path: /^POST /, windowSeconds: 60, max: 10 },
    { path: /^/, windowSeconds: 60, max: 60 },
  ],
};
