import type { Id } from '../../base/ids.ts';

/** A kind of mail that people may decide about. */
export interface NotificationCategory {
  readonly id: Id;
  readonly name: string;
  /** Mail that people need, such as links they asked for, goes out whatever they decided. */
  readonly canDisable: boolean;
}

/** Ids and names as Hexclave's clients know them, in its order (hexclave spec §2.11). */
export const notificationCategories: readonly NotificationCategory[] = [
  { id: '7bb82d33-2f54-4a3d-9d23-82739e0d66ef', name: 'Transactional', canDisable: false },
  { id: '4f6f8873-3d04-46bd-8bef-18338b1a1b4c', name: 'Marketing', canDisable: true },
];
