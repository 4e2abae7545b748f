import { oneOf, present, text, type RawSearch } from '@shared/search';

export const orderStates = ['issued', 'delivered', 'acknowledged', 'executed', 'verified', 'closed'] as const;
export type OrderState = (typeof orderStates)[number];
export const orderFlags = ['contradicted', 'overdue', 'objected'] as const;
export type OrderFlag = (typeof orderFlags)[number];

export interface OrdersSearch {
  state?: OrderState;
  flag?: OrderFlag;
  license?: string;
  utility?: string;
}

export const ordersSearch = (raw: RawSearch): OrdersSearch =>
  present({ state: oneOf(raw, 'state', orderStates), flag: oneOf(raw, 'flag', orderFlags), license: text(raw, 'license'), utility: text(raw, 'utility') }) as OrdersSearch;
