// A token derived by hand, in another language: docs/protocol.md, section "Tokens".
//
//   npm install
//   node token.mjs KIT.json phone +12025550100
//
// The selector must be canonical already, for a token of another spelling matches nothing; the kit
// names the rest. Prints the token in base64.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

if (process.argv.length !== 5) {
  console.error("usage: node token.mjs KIT.json KIND CANONICAL, as in: acme.kit.json phone +12025550100");
  process.exit(2);
}
const [kitPath, kind, canonical] = process.argv.slice(2);
// Catches slips; what is canonical is told by docs/protocol.md, "Canonical forms".
const CANONICAL = {
  phone: /^\+[1-9][0-9]{6,14}$/,
  card: /^[0-9]{12,19}$/,
  email: /^[^\sA-Z@]+@[a-z0-9.-]+$/,
  "self-test": /^normaliser-[0-9]+$/, // what a kit's key_check is the beginning of
};
if (!Object.hasOwn(CANONICAL, kind) || !CANONICAL[kind].test(canonical)) {
  console.error("this is no canonical phone, card or email; spell it as gen-screen normalise prints it");
  process.exit(2);
}
const tokenKey = readTokenKey();

function readTokenKey() {
  try {
    const { salt, secret, stretch: profile } = JSON.parse(readFileSync(kitPath, "utf8")).token_keys[0];
    return { salt: Buffer.from(salt, "base64"), secret: Buffer.from(secret, "base64"), profile };
  } catch (error) {
    console.error(`${kitPath} is no kit that can be read (${error.code ?? "no JSON of one"}); give the path of your kit`);
    process.exit(2);
  }
}

async function stretch(password) {
  const { algorithm, iterations, memory_kib: memorySize, lanes: parallelism } = tokenKey.profile;
  if (algorithm === "none") return createHmac("sha256", tokenKey.salt).update(password).digest();
  const { argon2id } = await import("hash-wasm");
  const options = { password, salt: tokenKey.salt, iterations, memorySize, parallelism, hashLength: 32 };
  return Buffer.from(await argon2id({ ...options, outputType: "binary" }));
}

const password = Buffer.from(`screening/v1/selector\0${kind}\0${canonical}`, "utf8");
const token = createHmac("sha256", tokenKey.secret)
  .update("screening/v1/token\0")
  .update(await stretch(password))
  .digest();
console.log(token.toString("base64"));
