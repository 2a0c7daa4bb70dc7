import { type TSchema, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { readMember } from '../../../core/orgs/list-members.ts';
import { json } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint, type HexclaveEndpoint } from '../endpoint.ts';
import { Fields, OneOf, uuid } from '../schemas.ts';
import { text } from '../wire-error.ts';

/**
 * What the components and the client of the original ask for by themselves in areas that are not built. They take an
 * error for a crash of the page, so the answer is that there is none.
 */

const pageQuery = Fields({
  cursor: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
const emptyPage = Type.Object({
  items: Type.Array(Type.Unknown()),
  is_paginated: Type.Literal(true),
  pagination: Type.Object({ next_cursor: Type.Null(), limit: Type.Integer() }),
});
const noPage = ({ query }: HexclaveCall) => ({
  items: [],
  is_paginated: true,
  pagination: { next_cursor: null, limit: (query as { limit?: number }).limit ?? 10 },
});

interface Area {
  readonly operationId: string;
  readonly summary: string;
  readonly query?: TSchema;
  readonly reply: TSchema;
  readonly none: (call: HexclaveCall) => unknown;
}

/** What is asked of a customer: whoever is signed in, or one of their teams. */
const areas = {
  billing: {
    operationId: 'getCustomerBilling',
    summary: 'That nobody is a customer: payments are not built',
    reply: Type.Object({ has_customer: Type.Literal(false), default_payment_method: Type.Null() }),
    none: () => ({ has_customer: false, default_payment_method: null }),
  },
  products: {
    operationId: 'listCustomerProducts',
    summary: 'No products: payments are not built',
    query: pageQuery,
    reply: emptyPage,
    none: noPage,
  },
  invoices: {
    operationId: 'listCustomerInvoices',
    summary: 'No invoices: payments are not built',
    query: pageQuery,
    reply: emptyPage,
    none: noPage,
  },
} satisfies Record<string, Area>;

const tag = 'Payments';

const ofCustomer = (name: keyof typeof areas): HexclaveEndpoint => {
  const { operationId, summary, reply, none, ...asked }: Area = areas[name];
  return endpoint(`GET /payments/${name}/:customer_type/:customer_id`, {
    needs: 'user_or_server',
    ...{ operationId, summary, tag, ...asked },
    params: Fields({ customer_type: OneOf('user', 'team'), customer_id: uuid() }),
    replies: { 200: reply },
    refusals: { self_only: text(403, 'Clients can only access their own user or team items.') },
    async handle(call, me) {
      const { customer_type: type, customer_id: id } = call.params;
      if (type === 'team') {
        if (me.kind === 'user') await readMember(call.ctx, me, { id });
      } else if (me.kind === 'user' && id !== me.live.user.id) throw new Refusal('self_only');
      return json(none(call));
    },
  });
};

export const readBilling = ofCustomer('billing');
export const listProducts = ofCustomer('products');
export const listInvoices = ofCustomer('invoices');

/** Every page sends what its visitors did, every ten seconds. */
export const dropEvents = endpoint('POST /analytics/events/batch', {
  needs: 'project_client',
  operationId: 'sendAnalyticsEvents',
  summary: 'Take events and keep none of them',
  tag: 'Analytics',
  replies: { 200: Type.Object({ inserted: Type.Literal(0) }) },
  handle: () => json({ inserted: 0 }),
});

/** The tool that shows itself to developers asks which of their pages are out of date. */
export const readComponentVersions = endpoint('GET /internal/component-versions', {
  needs: 'nobody',
  operationId: 'getComponentVersions',
  summary: 'That no page of an application is out of date',
  tag: 'Development',
  replies: { 200: Type.Object({ versions: Type.Object({}) }) },
  handle: () => json({ versions: {} }),
});
