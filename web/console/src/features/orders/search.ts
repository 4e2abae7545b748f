import { oneOf, present, text, type RawSearch } from '@shared/search';

export const orderStates = ['issued', 'delivered', 'acknowledged', 'executed', 'verified', 'closed'] as const;
export type OrderState = (typeof orderStates)[number];

export interface OrdersSearch {
  state?: OrderState;
  license?: string;
}

export const ordersSearch = (raw: RawSearch): OrdersSearch => present({ state: oneOf(raw, 'state', orderStates), license: text(raw, 'license') }) as OrdersSearch;
