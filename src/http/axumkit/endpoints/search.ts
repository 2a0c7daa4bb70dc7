import { Type } from 'typebox';
import { searchProfiles } from '../../../core/search/search-profiles.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { hitWire } from '../wire.ts';
import { profile } from './profiles.ts';

const { id, handle, display_name, bio, profile_image } = profile;

export const searchUsers = endpoint('GET /v0/search/users', {
  needs: 'nobody',
  operationId: 'searchUsers',
  summary: 'People with a public profile, best first; without words everybody',
  tag: 'Search',
  query: Type.Object({
    // Empty counts as absent (spec §2.6).
    query: Type.Optional(Type.String({ pattern: '^(?:|(?=[\\s\\S]*\\S)[\\s\\S]{1,100})$' })),
    page: Type.Integer({ minimum: 1, maximum: 999_999_999_999_999, says: 'Page must be greater than 0' }),
    page_size: Type.Integer({ minimum: 1, maximum: 20, says: 'Page size must be between 1 and 20' }),
  }),
  replies: {
    200: Type.Object({
      users: Type.Array(Type.Object({ id, handle, display_name, bio, profile_image })),
      page: Type.Integer(),
      page_size: Type.Integer(),
      total_hits: Type.Integer(),
      total_pages: Type.Integer(),
    }),
  },
  async handle(call) {
    const { query = '', page, page_size } = call.query;
    const found = await searchProfiles(call.ctx, { text: query === '' ? null : query, page, pageSize: page_size });
    return json({
      users: found.people.map((person) => hitWire(call, person)),
      page,
      page_size,
      total_hits: found.total,
      total_pages: Math.ceil(found.total / page_size),
    });
  },
});
