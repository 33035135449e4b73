// Asks about one booking, as a checkout does: docs/protocol.md, "How long to wait, and when to ask again".
//
//   npm install
//   node ask.mjs KIT.json phone:+12025550100 email:jane@booking.test
//
// Each selector must be canonical already. (A checkout passes a card in memory: arguments show in `ps`.)
// Prints what is known, and ends with the exit codes of `gen-screen check`.

import { derive, exitCode, keyCheck, readKit, Refused } from "./derive.mjs";

const TIMEOUT_MS = 500; // connecting and reading included: a traveller waits meanwhile
const RETRY_AFTER_DEFAULT_S = 60; // of a 429 that names no time
const EXIT_CODES = { no_match: 0, match: 10, unknown: 69, later: 75 };
const REFUSED_CODES = { 401: 77, 403: 77, 409: 78 };

/**
 * Ask about up to 16 `{ kind, token }`. The `verdict` is one of five words, and a booking is treated as
 * not listed for "no_match" alone:
 *   match, no_match   with `results` in the order asked, `receipt` and `opening` to keep
 *   unknown           never a no: let the booking go on, and ask again; `matches` are certain all the same
 *   later             never a no: the quota is used up for `retryAfterS` seconds
 *   refused           never a no: request, key or kit is wrong (`status`, `code`): tell whoever runs this
 */
async function ask(kit, key_check, selectors) {
  const url = `${kit.api_url.replace(/\/$/, "")}/v1/check`;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${kit.api_key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ key_id: kit.tokenKey.key_id, key_check, selectors }),
      redirect: "error", // no key and no token goes to another host
      signal: AbortSignal.timeout(TIMEOUT_MS), // which holds for the body of the answer, too
    });
    return read(response, parsed(await response.text()), selectors.length);
  } catch (error) {
    return unknown(error.name === "TimeoutError" ? "timeout" : "connection");
  }
}

function read({ status, headers }, answer, count) {
  const retryAfterS = seconds(headers.get("Retry-After"));
  if (status === 200) {
    // Whatever is not one of the two words, once for each selector, is no answer, and least of all a no.
    const results = Array.isArray(answer.results) ? answer.results : [];
    const whole = results.length === count && results.every((one) => one === "match" || one === "no_match");
    const verdict = results.includes("match") ? "match" : "no_match";
    if (!whole || answer.result !== verdict) return unknown("protocol");
    return { verdict, results, receipt: answer.receipt, opening: answer.opening };
  }
  if (status === 429) return { verdict: "later", retryAfterS: retryAfterS ?? RETRY_AFTER_DEFAULT_S };
  if (status === 503 && answer.reason) {
    const { reason, matches = [], receipt, opening } = answer; // `matches` count from 0
    const certain = matches.length === 0 || typeof receipt === "string";
    if (!certain || !matches.every((row) => Number.isInteger(row) && row >= 0 && row < count)) return unknown("protocol");
    return { ...unknown(reason), retryAfterS, matches, receipt, opening };
  }
  if (status >= 500) return unknown("connection"); // a gateway before the API
  if (status >= 400 && answer.code) return { verdict: "refused", status, code: answer.code };
  return unknown("protocol");
}

function unknown(reason) {
  return { verdict: "unknown", reason, matches: [] };
}

function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function seconds(header) {
  return /^[1-9][0-9]{0,8}$/.test(header ?? "") ? Number(header) : undefined;
}

process.exitCode = await exitCode(async () => {
  const [kitPath, ...asked] = process.argv.slice(2);
  if (asked.length < 1 || asked.length > 16)
    throw new Refused("usage: node ask.mjs KIT.json KIND:CANONICAL..., up to 16, as in: acme.kit.json phone:+12025550100");
  const kit = readKit(kitPath);
  const key_check = await keyCheck(kit);
  const selectors = [];
  for (const one of asked) {
    const [kind, ...rest] = one.split(":");
    selectors.push({ kind, token: (await derive(kit.tokenKey, kind, rest.join(":"))).toString("base64") });
  }
  const answer = await ask(kit, key_check, selectors);
  console.log(JSON.stringify(answer));
  if (answer.matches?.length) return EXIT_CODES.match; // certain, though the rest is not known
  return EXIT_CODES[answer.verdict] ?? REFUSED_CODES[answer.status] ?? 2;
});
