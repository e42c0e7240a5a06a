import type { DataSource } from 'typeorm';
import { ListDueWork } from '#contracts/maintenance';
import { accepted } from '#messaging/envelope';
import { answer, type Handler } from '#messaging/handler';

interface Row {
  provider_id: string;
  subject: string;
  command: string;
  due_at: Date;
  deadline: Date | null;
  attempts: number;
}

export const listDueWork = (database: DataSource): Handler =>
  answer(ListDueWork, async ({ providerId }, { tenantId }) => {
    const rows: Row[] = await database.query(
      `SELECT provider_id, subject, command, due_at, deadline, attempts FROM due_work
        WHERE tenant_id = $1 AND due_at IS NOT NULL AND ($2::text IS NULL OR provider_id = $2) ORDER BY due_at`,
      [tenantId, providerId ?? null],
    );
    return accepted({
      due: rows.map(({ provider_id, subject, command, due_at, deadline, attempts }) => ({
        tenantId,
        providerId: provider_id || null,
        calendarId: subject || null,
        command,
        dueAt: due_at.toISOString(),
        deadline: deadline?.toISOString() ?? null,
        attempts,
      })),
    });
  });
