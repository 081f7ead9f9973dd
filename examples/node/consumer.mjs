// Print what comes out. Usage: node consumer.mjs [GROUP]
import { hostname } from "node:os";
import { createClient } from "redis";

const url = process.env.COPYDESK_REDIS_URL ?? "redis://127.0.0.1:6379";
const group = process.argv[2] ?? "example";
const me = `${hostname()}-${process.pid}`;
const stream = "copydesk:documents";
const idle = Number(process.env.IDLE_MS ?? 60_000); // whoever gave no sign for so long is taken for dead

const client = createClient(url.startsWith("unix://") ? { socket: { path: url.slice(7) } } : { url });
client.on("error", (error) => console.error(`Redis: ${error.message}`)); // it connects again by itself
let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => { stopping = true; });

function handle({ schema, document }) {
  if (schema === "copydesk.document/1") {
    const { id, revision, title } = JSON.parse(document);
    console.log("document", id, revision, title);
  } else if (schema === "copydesk.retraction/1") {
    const { id, revision } = JSON.parse(document);
    console.log("retraction", id, revision); // forget it
  } else if (schema === "copydesk.gap/1") {
    const { groups, first, last } = JSON.parse(document);
    if (groups.includes(group)) console.error(`entries from ${first} to ${last} were dropped before they came here`);
  } // what is of no schema that is known here is passed over
}

await client.connect();
try {
  await client.xGroupCreate(stream, group, "0", { MKSTREAM: true });
} catch (error) {
  if (!error.message.startsWith("BUSYGROUP")) throw error;
}
let lookAgain = 0;
while (!stopping) {
  let entries = [];
  if (Date.now() >= lookAgain) {
    // What a consumer left behind that died comes first, and alone.
    const claimed = await client.xAutoClaim(stream, group, me, idle, "0-0", { COUNT: 1 });
    entries = claimed.messages.filter(Boolean);
    if (!entries.length) lookAgain = Date.now() + idle / 2;
  }
  if (!entries.length) {
    const read = await client.xReadGroup(group, me, { key: stream, id: ">" }, { COUNT: 10, BLOCK: Math.min(idle / 2, 2_000) });
    entries = read?.[0].messages ?? [];
  }
  for (const { id, message } of entries) {
    if (stopping) break;
    handle(message);
    await client.xAck(stream, group, id);
  }
}
await client.close();
