import type { CutEventField } from '#contracts/calendar-event';
import { Allowance, jsonBytes } from '#deliveries/allowance';

// Together they stay below MAX_CALENDAR_EVENT_BYTES with more than 16 KiB to spare for ids and field names.
const maxTitle = new Allowance(2 * 1024);
const maxDescription = new Allowance(28 * 1024);
const maxLocation = new Allowance(4 * 1024);
const maxAttendees = new Allowance(28 * 1024);
const maxRecurrence = new Allowance(12 * 1024);
const maxReminders = new Allowance(2 * 1024);
const maxProperties = 12 * 1024;
const maxShort = new Allowance(2 * 1024);

/** Shortens what is absurdly long, and remembers what it shortened. */
export class EventCuts {
  private readonly cut = new Set<CutEventField>();

  made(): CutEventField[] {
    return [...this.cut];
  }

  title = (text: string): string => this.noting('title', text, maxTitle.beginningOf(text));
  description = (text: string): string => this.noting('description', text, maxDescription.beginningOf(text));
  location = (text: string): string => this.noting('location', text, maxLocation.beginningOf(text));
  attendees = <Item>(items: Item[]): Item[] => this.firstOf('attendees', items, maxAttendees);
  recurrence = <Item>(items: Item[]): Item[] => this.firstOf('recurrence', items, maxRecurrence);
  reminders = <Item>(items: Item[]): Item[] => this.firstOf('reminders', items, maxReminders);

  /** Left out when it is too long: half a link or half an id is of no use. */
  short<Value>(value: Value): Value | undefined {
    if (value === undefined || maxShort.fits(value)) return value;
    this.cut.add('others');
    return undefined;
  }

  /** Those that fit, the short ones before the long ones. */
  properties(properties: Record<string, string>): Record<string, string> {
    let left = maxProperties;
    const entries = Object.entries(properties);
    const kept = new Set(
      entries
        .map(([name, value]) => ({ name, size: jsonBytes(name) + jsonBytes(value) + 2 }))
        .sort((a, b) => a.size - b.size)
        .filter(({ size }) => (left -= size) >= 0)
        .map(({ name }) => name),
    );
    if (kept.size < entries.length) this.cut.add('extendedProperties');
    return Object.fromEntries(entries.filter(([name]) => kept.has(name)));
  }

  private firstOf<Item>(field: CutEventField, items: Item[], allowance: Allowance): Item[] {
    const kept = allowance.firstOf(items);
    if (kept.length < items.length) this.cut.add(field);
    return kept;
  }

  private noting(field: CutEventField, whole: string, kept: string): string {
    if (whole !== kept) this.cut.add(field);
    return kept;
  }
}
