// A token derived by hand, in another language: docs/protocol.md, section "Tokens".

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

/** Nothing was asked; the message is a sentence for whoever runs this, and repeats no selector. */
export class Refused extends Error {}

// Catches slips; what is canonical is told by docs/protocol.md, "Canonical forms".
const CANONICAL = {
  phone: /^\+[1-9][0-9]{6,14}$/,
  card: /^[0-9]{12,19}$/,
  email: /^[^\sA-Z@]+@[a-z0-9.-]+$/,
  "self-test": /^normaliser-[0-9]+$/, // what a key_check is the beginning of
};

/** Read a kit; `secret` and `salt` of its first token key, the one to use, become bytes. */
export function readKit(path) {
  try {
    const kit = JSON.parse(readFileSync(path, "utf8"));
    const { key_id, salt, secret, stretch } = kit.token_keys[0];
    const tokenKey = { key_id, stretch, salt: Buffer.from(salt, "base64"), secret: Buffer.from(secret, "base64") };
    return { ...kit, tokenKey };
  } catch (error) {
    throw new Refused(`${path} is no kit that can be read (${error.code ?? "no JSON of one"}); give the path of your kit`);
  }
}

async function stretched(tokenKey, password) {
  const { algorithm, iterations, memory_kib: memorySize, lanes: parallelism } = tokenKey.stretch;
  if (algorithm === "none") return createHmac("sha256", tokenKey.salt).update(password).digest();
  const { argon2id } = await import("hash-wasm").catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Refused("the package hash-wasm is missing; run npm install in the folder of this example first");
  });
  const options = { password, salt: tokenKey.salt, iterations, memorySize, parallelism, hashLength: 32 };
  return Buffer.from(await argon2id({ ...options, outputType: "binary" }));
}

/** Return the 32 bytes of a token; a spelling that is not canonical would match nothing. */
export async function derive(tokenKey, kind, canonical) {
  if (!Object.hasOwn(CANONICAL, kind) || !CANONICAL[kind].test(canonical))
    throw new Refused("this is no canonical phone, card or email; spell it as gen-screen normalise prints it");
  const password = Buffer.from(`screening/v1/selector\0${kind}\0${canonical}`, "utf8");
  return createHmac("sha256", tokenKey.secret)
    .update("screening/v1/token\0")
    .update(await stretched(tokenKey, password))
    .digest();
}

/** Return what every question carries, in base64: derived once, when a process starts. */
export async function keyCheck(kit) {
  const token = await derive(kit.tokenKey, "self-test", `normaliser-${kit.normaliser}`);
  return token.subarray(0, 8).toString("base64");
}

/** Run a command line, and return its exit code: 2 where nothing could be asked. */
export async function exitCode(run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    return 2;
  }
}
