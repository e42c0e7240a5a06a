import { calendarFaults } from './calendar-faults.js';
import type { Fault } from './fault.js';
import { mailboxFaults } from './mailbox-faults.js';
import { permissionFaults } from './permission-faults.js';
import { pubsubFaults } from './pubsub-faults.js';
import { setupFaults } from './setup-faults.js';

/** Every fault that a verification can name, in the order of the checks. A spec puts the simulated Google into each. */
export const faults: readonly Fault[] = [
  ...setupFaults,
  ...pubsubFaults,
  ...permissionFaults,
  ...mailboxFaults,
  ...calendarFaults,
];
