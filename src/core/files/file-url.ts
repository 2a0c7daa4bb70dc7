import type { Context } from '../context.ts';
import type { Person } from '../users/user.ts';

type Place = Pick<Context, 'publicUrl' | 'project'>;

/** Where the files of a project are served: on the public URL, whichever surface says so. */
export const filesUrl = ({ publicUrl, project }: Place): string => `${publicUrl}/-/files/${project.id}`;

/** @param key namespace and key of the file, as rows that show it carry it */
export const fileUrl = (place: Place, key: string): string => `${filesUrl(place)}/${key}`;

/** The picture of a person: a file of ours, else the address they gave. */
export const imageUrlOf = (place: Place, person: Pick<Person, 'imageKey' | 'imageUrl'>): string | null =>
  person.imageKey === null ? person.imageUrl : fileUrl(place, person.imageKey);

export const bannerUrlOf = (place: Place, person: Pick<Person, 'bannerKey'>): string | null =>
  person.bannerKey === null ? null : fileUrl(place, person.bannerKey);
