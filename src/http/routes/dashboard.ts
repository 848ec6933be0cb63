import { Type } from 'typebox';
import { contentSecurityPolicy, renderDashboard } from '../dashboard-page';
import { succeed } from '../envelope';
import { presentDashboard } from '../presenter';
import type { AddRoute } from '../route';
import { DashboardReport, Failure, FreshQuery, success } from '../schemas';
import { wantsPage } from '../wants-page';

const answers = {
  200: {
    content: {
      'application/json': { schema: success(DashboardReport) },
      'text/html': { schema: Type.String() },
    },
  },
  '4xx': Failure,
  '5xx': Failure,
};

/** `GET /dashboard`: the log at a glance, JSON to a program and a page to a browser. */
export const addDashboardRoute: AddRoute = (app, path, trail) => {
  app.get(path, { schema: { querystring: FreshQuery, response: answers } }, async (request, reply) => {
    const dashboard = presentDashboard(await trail.dashboard(request.query));
    void reply.header('vary', 'accept');
    if (!wantsPage(request.headers.accept)) return succeed(dashboard);
    void reply.type('text/html; charset=utf-8').header('content-security-policy', contentSecurityPolicy);
    return renderDashboard(dashboard);
  });
};
