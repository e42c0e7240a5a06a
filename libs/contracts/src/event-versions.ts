import type { EventContract } from './contract.js';
import { eventContracts } from './registry.js';

const keyOf = (category: string, type: string): string => `${category} ${type}`;

const byKey = new Map(
  eventContracts.map((contract) => [keyOf(contract.category, contract.type), contract] as const),
);

/** Undefined for an event that this version of the product does not know. */
export const eventContract = (category: string, type: string): EventContract | undefined =>
  byKey.get(keyOf(category, type));

/** Data as the present version has it. What is newer than this version of the product, or unknown to it, stays as it is. */
export function upcast(
  { version, upcasts }: Pick<EventContract, 'version' | 'upcasts'>,
  data: Record<string, unknown>,
  from: number,
): Record<string, unknown> {
  let current = data;
  for (let each = from; each < version; each++) current = upcasts[each]?.(current) ?? current;
  return current;
}
