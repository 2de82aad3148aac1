import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

interface Appointment {
  patient: string;
  at: Date;
}

async function book(_: Context, patient: string, day: string): Promise<Appointment> {
  effects.push(`book ${patient}`);
  return { patient, at: new Date(`${day}T09:00:00.000Z`) };
}

async function remind(_: Context, patient: string, text: string): Promise<void> {
  effects.push(`remind ${patient}: ${text}`);
}

function* bookAppointment(ctx: Context, patient: string, day: string) {
  const appointment = yield* ctx.run(book, patient, day);
  yield* ctx.run(remind, patient, `see you at ${appointment.at.toISOString()}`);
  return appointment.patient;
}
resonate.register("bookAppointment", bookAppointment);
