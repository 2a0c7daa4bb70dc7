import { Type } from 'typebox';
import { type ImageSlot, removeUserImage, setUserImage } from '../../../core/files/set-user-image.ts';
import { json } from '../../kit/answer.ts';
import { filePart } from '../../kit/multipart.ts';
import { endpoint } from '../endpoint.ts';
import { Unreadable } from '../input-check.ts';

/** Upload and removal of one picture (spec §2.5, §3.8). The limit is of the whole body, as upstream's. */
const image = (slot: ImageSlot, path: `/v0/${string}`, name: string, bodyLimitBytes: number) => [
  endpoint(`POST ${path}`, {
    needs: 'user',
    operationId: `upload${name}Image`,
    summary: `Upload a ${slot} image as the part \`file\` of a multipart body`,
    tag: 'User',
    rawBody: true,
    uploads: 'file',
    bodyLimitBytes,
    replies: { 201: Type.Object({ image_url: Type.String() }) },
    async handle(call, me) {
      const { headers, body } = call.request;
      const bytes = await filePart(
        headers['content-type'],
        body instanceof Uint8Array ? body : new Uint8Array(),
        'file',
      );
      if (bytes === null) throw new Unreadable('Invalid multipart data: expected a part `file`');
      return json({ image_url: await setUserImage(call.ctx, me, { slot, bytes }) }, 201);
    },
  }),
  endpoint(`DELETE ${path}`, {
    needs: 'user',
    operationId: `delete${name}Image`,
    summary: `Remove the ${slot} image`,
    tag: 'User',
    replies: { 204: null },
    async handle(call, me) {
      await removeUserImage(call.ctx, me, slot);
      return { status: 204 };
    },
  }),
];

export const images = [
  ...image('profile', '/v0/user/me/profile-image', 'Profile', 4_194_304),
  ...image('banner', '/v0/user/me/banner-image', 'Banner', 8_388_608),
];
