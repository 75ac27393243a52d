// The control listener: plays the end user, shows what happened, and makes
// connections fail. Everything it takes stands in the query.

import { decide } from './end-user.mjs';

/** More resets than any test needs. */
const RESETS_MAX = 1000;

/** A refusal of the control listener itself. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A request listener for node:http. */
export function makeControl(record, verificationUri) {
  const decideFor = (query, decision) => decide(verificationUri, required(query, 'user_code'), decision);
  const routes = {
    'POST /approve': (query) => decideFor(query, 'approve'),
    'POST /deny': (query) => decideFor(query, 'deny'),
    'POST /reset-connection': (query) => record.resetConnections(times(query)),
    'GET /log': () => record.requests(),
    'GET /grants': () => record.grants(),
  };
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://control');
    const route = routes[`${request.method} ${pathname}`];
    try {
      if (!route) {
        throw new Refusal(404, `no such route; there are: ${Object.keys(routes).join(', ')}`);
      }
      answer(response, 200, (await route(searchParams)) ?? { done: true });
    } catch (error) {
      answer(response, error.status ?? 500, { error: error.message });
    }
  };
}

function times(query) {
  const number = Number(query.get('times') ?? 1);
  if (Number.isInteger(number) && number >= 0 && number <= RESETS_MAX) {
    return number;
  }
  throw new Refusal(400, `times: expected a whole number from 0 to ${RESETS_MAX}`);
}

function required(query, name) {
  const value = query.get(name);
  if (!value) {
    throw new Refusal(400, `${name} is missing from the query`);
  }
  return value;
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
