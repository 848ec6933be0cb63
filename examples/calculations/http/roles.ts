import type { AuditAction } from 'typeorm-audit-trail/fastify';

export const roles = ['analyst', 'reviewer', 'operator'] as const;

/** An analyst works with calculations; a reviewer reads the audit trail as well; an operator may flush it, too. */
export type Role = (typeof roles)[number];

const allowed: Record<Role, readonly AuditAction[]> = {
  analyst: [],
  reviewer: ['read'],
  operator: ['read', 'flush'],
};

export function mayAudit(role: Role, action: AuditAction): boolean {
  return allowed[role].includes(action);
}
