// The least client of the device flow, for the self-check, and its way to the
// control listener.

import assert from 'node:assert/strict';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** One client of the server that printed `ready`. */
export class Client {
  /** Everything it was given that must not show anywhere else. */
  secrets = new Set();
  #ready;
  #form;
  #headers = {};

  constructor(ready, { client_id: id, client_secret: secret }) {
    this.#ready = ready;
    this.#form = { client_id: id };
    if (secret) {
      const encode = (text) => new URLSearchParams({ text }).toString().slice('text='.length);
      this.#headers.authorization = `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`;
    }
  }

  async authorize() {
    const scope = [...this.#ready.scopes, 'offline_access'].join(' ');
    const form = { scope, ...this.#ready.device_authorization_params };
    const { status, body } = await this.#post(this.#ready.device_authorization_endpoint, form);
    assert.equal(status, 200, body.error_description);
    return body;
  }

  async signIn() {
    const device = await this.authorize();
    await this.control('POST', '/approve', { user_code: device.user_code });
    const { status, body } = await this.exchange(device.device_code);
    assert.equal(status, 200, body.error_description);
    return { ...body, device_code: device.device_code };
  }

  exchange(deviceCode) {
    return this.#token({ grant_type: DEVICE_CODE, device_code: deviceCode });
  }

  refresh(refreshToken) {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  revoke(refreshToken) {
    const form = { token: refreshToken, token_type_hint: 'refresh_token' };
    return this.#post(this.#ready.revocation_endpoint, form);
  }

  grants() {
    return this.control('GET', '/grants');
  }

  async control(method, path, query = {}) {
    const response = await fetch(`${this.#ready.control_url}${path}?${new URLSearchParams(query)}`, { method });
    const body = await response.json();
    assert.equal(response.status, 200, body.error);
    return body;
  }

  #token(form) {
    return this.#post(this.#ready.token_endpoint, { ...form, ...this.#ready.token_params });
  }

  async #post(endpoint, form) {
    const body = new URLSearchParams({ ...this.#form, ...form });
    const response = await fetch(endpoint, { method: 'POST', headers: this.#headers, body });
    const text = await response.text();
    const answer = text === '' ? {} : JSON.parse(text);
    for (const name of ['device_code', 'access_token', 'refresh_token', 'id_token']) {
      if (answer[name]) {
        this.secrets.add(answer[name]);
      }
    }
    return { status: response.status, body: answer };
  }
}
