import { Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import { imageUrlOf } from '../../core/files/file-url.ts';
import type { Organization } from '../../core/orgs/organization.ts';
import { anyJson, Nullable } from './schemas.ts';

/** A team as clients see it, or with what only servers may see (spec §2.12). */
export const teamWire = (
  ctx: Pick<Context, 'publicUrl' | 'project'>,
  organization: Organization,
  { server }: { readonly server: boolean },
) => ({
  id: organization.id,
  display_name: organization.name,
  profile_image_url: imageUrlOf(ctx, organization),
  client_metadata: organization.metadataClient,
  client_read_only_metadata: organization.metadataReadonly,
  ...(server && { server_metadata: organization.metadataServer, created_at_millis: organization.createdAt }),
});

export const teamSchema = Type.Object({
  id: Type.String(),
  display_name: Type.String(),
  profile_image_url: Nullable(Type.String()),
  client_metadata: anyJson(),
  client_read_only_metadata: anyJson(),
  server_metadata: Type.Optional(anyJson()),
  created_at_millis: Type.Optional(Type.Integer()),
});
