package dev.everfeed.hub.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where rows are kept.
///
/// @param url      null for the embedded server
/// @param user     null for the one in `url`
/// @param password null for the one in `url`
public record StoreSettings(
    @Knob(
        value = "true",
        means =
            "Whether anything is kept at all. Without it there is no journal and no database, and a restart forgets everything.",
        touch = "false for a pure relay")
    boolean enabled,

    @Knob(
        means =
            "An external PostgreSQL (14 or later) or TimescaleDB, as `postgres://user:password@host:5432/name` or `jdbc:postgresql://…`; several hosts with commas. When not set, `DATABASE_URL` of the environment; when that is not set either, a PostgreSQL of the hub's own under `data_dir`. `url_file` names a file that holds it.",
        touch = "when there is a database that others look after")
    @Nullable
    Secret url,

    @Knob(
        means = "Overrides the user in `url`.",
        touch = "when the address is given without credentials")
    @Nullable
    String user,

    @Knob(
        means = "Overrides the password in `url`. `password_file` names a file that holds it.",
        touch = "with `user`; put `${VAR}` here, never the password")
    @Nullable
    Secret password,

    @Knob(
        value = "6",
        min = "3",
        max = "100",
        means = "Connections to the database.",
        touch = "when many readers ask for history at once")
    int poolSize,

    @Knob(
        value = "2s",
        min = "1s",
        max = "1m",
        means = "How long a connection may take to be made.",
        touch = "for a database far away")
    Duration connectTimeout,

    @Knob(
        value = "30s",
        min = "1s",
        max = "10m",
        means = "A connection that brings nothing for so long is given up.",
        touch = "rarely")
    Duration socketTimeout,

    @Knob(
        value = "30d",
        min = "1d",
        max = "3650d",
        means = "Trades older than this are deleted, whole days at a time.",
        touch = "with your disk, and what you replay")
    Duration keepTrades,

    @Knob(
        value = "90d",
        min = "1d",
        max = "3650d",
        means =
            "Runs of the schedule, events, revisions of bars and quarantined rows older than this are deleted. Bars are kept for ever.",
        touch = "with how far back you look into incidents")
    Duration keepRecords) {}
