import { AdminCalls } from './admin/admin-calls.js';

/** Drives a running simulator over HTTP: what a person would do in Google's console, plus time and faults. */
export class SimulatorClient {
  protected readonly admin: AdminCalls;

  constructor(readonly url: string) {
    this.admin = new AdminCalls(url);
  }
}
