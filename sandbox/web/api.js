// What the page asks of the stage.

// state reads what a person sees; parameters: as, channel, thread.
export async function state(params) {
  const answer = await fetch("/api/state?" + new URLSearchParams(params), { cache: "no-store" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// post does something; it returns the stage's answer, {error} when it was refused.
export async function post(what, body) {
  try {
    const answer = await fetch("/api/" + what, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { error: "The stage did not answer. Is it still running?" };
  }
}

// follow calls changed whenever something on the stage did, and gone(true) while the stage is away.
export function follow(changed, gone) {
  const source = new EventSource("/api/events");
  source.onopen = () => { gone(false); changed(); };
  source.onmessage = changed;
  source.onerror = () => gone(true);
}
