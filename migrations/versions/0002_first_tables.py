"""first tables

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_geospatial_table(
        "boundary",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_approximate", sa.Boolean(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary")),
    )
    op.create_table(
        "city",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("holiday_country", sa.String(length=2), nullable=False),
        sa.Column("holiday_subdivision", sa.String(length=8), nullable=False),
        sa.Column("cell_dlon", sa.Float(), nullable=False),
        sa.Column("cell_dlat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("accept_box", sa.JSON(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city")),
        sa.UniqueConstraint("code", name=op.f("uq_city_code")),
    )
    op.create_table(
        "district",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("code", name=op.f("uq_district_code")),
    )
    op.create_table(
        "emergency_number",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("tel", sa.String(length=40), nullable=False),
        sa.Column("label_fr", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("when_fr", sa.Text(), nullable=False),
        sa.Column("when_en", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_number")),
        sa.UniqueConstraint("code", name=op.f("uq_emergency_number_code")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_happened_at"), "event", ["happened_at"], unique=False)
    op.create_index("ix_event_name_happened_at", "event", ["name", "happened_at"], unique=False)
    op.create_index(op.f("ix_event_thread"), "event", ["thread"], unique=False)
    op.create_index(
        "ix_event_unclaimed",
        "event",
        ["id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "field",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field")),
        sa.UniqueConstraint("code", name=op.f("uq_field_code")),
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("mission_fr", sa.Text(), nullable=False),
        sa.Column("mission_en", sa.Text(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("fallback_fr", sa.Text(), nullable=False),
        sa.Column("fallback_en", sa.Text(), nullable=False),
        sa.Column("hidden_point", sa.Enum("exact", "cell", "sector", name="hiddenpoint", native_enum=False, length=24), nullable=False),
        sa.Column("exact_categories", sa.JSON(), nullable=False),
        sa.Column("sees_contact", sa.Enum("no", "consented", "yes", name="seescontact", native_enum=False, length=24), nullable=False),
        sa.Column("is_transfer_only", sa.Boolean(), nullable=False),
        sa.Column("does_works", sa.Boolean(), nullable=False),
        sa.Column("does_outreach", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("code", name=op.f("uq_partner_code")),
    )
    op.create_table(
        "protected_site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("radius", sa.Integer(), nullable=False),
        sa.Column("is_approximate", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_site")),
        sa.UniqueConstraint("code", name=op.f("uq_protected_site_code")),
    )
    op.create_table(
        "queue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("maintenance", "wellbeing", "mediation", "safety", "thanks", name="purpose", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("kind", sa.Enum("normal", "occupancy", "quarantine", name="queuekind", native_enum=False, length=24), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
        sa.UniqueConstraint("code", name=op.f("uq_queue_code")),
    )
    op.create_table(
        "sector",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("is_approximate", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sector")),
        sa.UniqueConstraint("code", name=op.f("uq_sector_code")),
    )
    op.create_table(
        "signpost",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body_fr", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("number_codes", sa.JSON(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signpost")),
        sa.UniqueConstraint("code", name=op.f("uq_signpost_code")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("key", name=op.f("uq_source_key")),
    )
    op.create_table(
        "action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_year", sa.Integer(), nullable=True),
        sa.Column("to_year", sa.Integer(), nullable=True),
        sa.Column("period_fr", sa.Text(), nullable=False),
        sa.Column("period_en", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "not_published",
                "upcoming",
                "under_way",
                "done",
                "postponed",
                "abandoned",
                name="actionstatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("indicator_fr", sa.Text(), nullable=False),
        sa.Column("indicator_en", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("budget_cents", sa.BigInteger(), nullable=True),
        sa.Column("funding_fr", sa.Text(), nullable=False),
        sa.Column("funding_en", sa.Text(), nullable=False),
        sa.Column("note_fr", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("origin", sa.Enum("published", "demo", name="origin", native_enum=False, length=24), nullable=False),
        sa.Column("in_plan", sa.Enum("stated", "city_page", "inferred", name="inplan", native_enum=False, length=24), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["field.id"], name=op.f("fk_action_field_id_field")),
        sa.ForeignKeyConstraint(["lead_id"], ["partner.id"], name=op.f("fk_action_lead_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("code", name=op.f("uq_action_code")),
    )
    op.create_index(op.f("ix_action_field_id"), "action", ["field_id"], unique=False)
    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column(
            "kind", sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("help_fr", sa.Text(), nullable=False),
        sa.Column("help_en", sa.Text(), nullable=False),
        sa.Column("protection", sa.SmallInteger(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("maintenance", "wellbeing", "mediation", "safety", "thanks", name="purpose", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("signpost_codes", sa.JSON(), nullable=False),
        sa.Column("asks_belongings", sa.Boolean(), nullable=False),
        sa.Column("locks_works", sa.Boolean(), nullable=False),
        sa.Column("photo", sa.Enum("yes", "no", "no_people", name="photorule", native_enum=False, length=24), nullable=False),
        sa.Column("answered_by", sa.Enum("form", "signpost", name="answeredby", native_enum=False, length=24), nullable=False),
        sa.Column("queue_code", sa.String(length=24), nullable=False),
        sa.Column("near_protected", sa.Enum("cell", "sector", name="grain", native_enum=False, length=24), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["partner.id"], name=op.f("fk_category_lead_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("code", name=op.f("uq_category_code")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("state", sa.Enum("waiting", "sent", "given_up", name="deliverystate", native_enum=False, length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delivery_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("event_id", "recipient", name=op.f("uq_delivery_event_id_recipient")),
    )
    op.create_index("ix_delivery_state_due_at", "delivery", ["state", "due_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "role", sa.Enum("triager", "partner", "pilot", "committee", "admin", name="role", native_enum=False, length=24), nullable=False
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_person_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("is_approximate", sa.Boolean(), nullable=False),
        sa.Column("sector_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_place_sector_id_sector")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("sectors", sa.JSON(), nullable=False),
        sa.Column("occupancy", sa.Enum("any", "none", "possible", name="whenoccupied", native_enum=False, length=24), nullable=False),
        sa.Column("hours", sa.Enum("any", "open", "closed", name="whenopen", native_enum=False, length=24), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("because_fr", sa.Text(), nullable=False),
        sa.Column("because_en", sa.Text(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_rule_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_rule_code")),
    )
    op.create_table(
        "action_source",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_source_action_id_action"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_action_source_source_id_source")),
        sa.PrimaryKeyConstraint("action_id", "source_id", name=op.f("pk_action_source")),
    )
    op.create_table(
        "action_support",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_support_action_id_action"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_action_support_partner_id_partner")),
        sa.PrimaryKeyConstraint("action_id", "partner_id", name=op.f("pk_action_support")),
    )
    op.create_table(
        "action_tally",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind", sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_tally_action_id_action")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_tally")),
        sa.UniqueConstraint("month", "action_id", "kind", name="uq_action_tally_cell"),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "occupancy_check",
                "accepted",
                "handed_over",
                "in_progress",
                "closed",
                "merged",
                "reopen_requested",
                name="casestate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("protection", sa.SmallInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("sector_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "closing_reason",
            sa.Enum(
                "done",
                "nothing_found",
                "already_followed",
                "help_offered",
                "outside_mandate",
                "redirected",
                "not_possible",
                name="closingreason",
                native_enum=False,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("closing_note", sa.Text(), nullable=False),
        sa.Column("recode_reason", sa.Text(), nullable=False),
        sa.Column("is_out_of_plan", sa.Boolean(), nullable=False),
        sa.Column(
            "occupancy", sa.Enum("none", "possible", "in_use", "cleared", name="occupancy", native_enum=False, length=24), nullable=False
        ),
        sa.Column("occupancy_on", sa.Date(), nullable=True),
        sa.Column("occupancy_note", sa.Text(), nullable=False),
        sa.Column("claimed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_case_category_id_category")),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["person.id"], name=op.f("fk_case_claimed_by_id_person")),
        sa.ForeignKeyConstraint(["holder_id"], ["partner.id"], name=op.f("fk_case_holder_id_partner")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["case.id"], name=op.f("fk_case_merged_into_id_case")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_case_place_id_place")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_case_queue_id_queue")),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_case_sector_id_sector")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_reference")),
    )
    op.create_index(op.f("ix_case_category_id"), "case", ["category_id"], unique=False)
    op.create_index("ix_case_closed_at", "case", ["closed_at"], unique=False)
    op.create_index("ix_case_holder", "case", ["holder_id", "state"], unique=False)
    op.create_index(
        "ix_case_open",
        "case",
        ["queue_id", "priority", "opened_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('new', 'occupancy_check', 'accepted', 'handed_over', 'in_progress', 'reopen_requested')"),
        postgresql_where=sa.text("state IN ('new', 'occupancy_check', 'accepted', 'handed_over', 'in_progress', 'reopen_requested')"),
    )
    op.create_index(op.f("ix_case_opened_at"), "case", ["opened_at"], unique=False)
    op.create_table(
        "category_action",
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_category_action_action_id_action")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_category_action_category_id_category"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("category_id", "action_id", name=op.f("pk_category_action")),
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("origin", sa.Enum("published", "demo", name="origin", native_enum=False, length=24), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_milestone_action_id_action"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    op.create_index(op.f("ix_milestone_action_id"), "milestone", ["action_id"], unique=False)
    op.create_geospatial_table(
        "observation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "kind", sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sector_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("precision", sa.Enum("point", "place", "about", name="precision", native_enum=False, length=24), nullable=False),
        sa.Column(
            "point",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"),
            nullable=True,
        ),
        sa.Column("is_near_protected", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_flags", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column(
            "belongings", sa.Enum("no", "yes", "unknown", "not_asked", name="belongings", native_enum=False, length=24), nullable=False
        ),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "channel", sa.Enum("web", "phone", "counter", "import", "demo", name="channel", native_enum=False, length=24), nullable=False
        ),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("network_hash", sa.String(length=32), nullable=True),
        sa.Column("protection", sa.SmallInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("received", "taken_up", "done", "redirected", "withdrawn", name="status", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_lon", sa.Float(), nullable=True),
        sa.Column("public_lat", sa.Float(), nullable=True),
        sa.Column("public_cell", sa.BigInteger(), nullable=True),
        sa.Column("public_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfaction", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_observation_category_id_category")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_observation_place_id_place")),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_observation_sector_id_sector")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint("client_id", name=op.f("uq_observation_client_id")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_observation_code_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_observation_reference")),
    )
    op.create_geospatial_index("idx_observation_point", "observation", ["point"], unique=False, postgresql_using="gist", postgresql_ops={})
    op.create_index(op.f("ix_observation_category_id"), "observation", ["category_id"], unique=False)
    op.create_index("ix_observation_network", "observation", ["network_hash", "received_at"], unique=False)
    op.create_index(
        "ix_observation_public",
        "observation",
        ["public_on", "reference"],
        unique=False,
        sqlite_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "ix_observation_public_cell",
        "observation",
        ["public_cell"],
        unique=False,
        sqlite_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
    )
    op.create_index(op.f("ix_observation_received_at"), "observation", ["received_at"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("text_fr", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("raises", sa.JSON(), nullable=False),
        sa.Column("shows", sa.JSON(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_question_category_id_category"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("category_id", "code", name=op.f("uq_question_category_id_code")),
    )
    op.create_index(op.f("ix_question_category_id"), "question", ["category_id"], unique=False)
    op.create_table(
        "queue_action",
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_queue_action_action_id_action")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_queue_action_queue_id_queue"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("queue_id", "action_id", name=op.f("pk_queue_action")),
    )
    op.create_table(
        "tally",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "kind", sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sector_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("is_out_of_plan", sa.Boolean(), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_tally_category_id_category")),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_tally_sector_id_sector")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
        sa.UniqueConstraint("month", "category_id", "sector_id", "outcome", "is_out_of_plan", name="uq_tally_cell"),
    )
    op.create_index("ix_tally_counted_at", "tally", ["counted_at"], unique=False)
    op.create_table(
        "case_observation",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("observation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_observation_case_id_case")),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name=op.f("fk_case_observation_observation_id_observation")),
        sa.PrimaryKeyConstraint("case_id", "observation_id", name=op.f("pk_case_observation")),
        sa.UniqueConstraint("observation_id", name=op.f("uq_case_observation_observation_id")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "expired",
                "in_progress",
                "done",
                "given_back",
                name="handoverstate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("offered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rule_code", sa.String(length=40), nullable=False),
        sa.Column("suggested_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "done",
                "nothing_found",
                "already_followed",
                "help_offered",
                "outside_mandate",
                "redirected",
                "not_possible",
                name="closingreason",
                native_enum=False,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_handover_case_id_case")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["person.id"], name=op.f("fk_handover_offered_by_id_person")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_handover_partner_id_partner")),
        sa.ForeignKeyConstraint(["suggested_partner_id"], ["partner.id"], name=op.f("fk_handover_suggested_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_case_id"), "handover", ["case_id"], unique=False)
    op.create_index("ix_handover_partner_id_state", "handover", ["partner_id", "state", "offered_at"], unique=False)
    op.create_index(
        "uq_handover_standing",
        "handover",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'in_progress')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'in_progress')"),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Enum("suggested", "confirmed", "rejected", name="linkstate", native_enum=False, length=24), nullable=False),
        sa.Column("suggested_by", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_link_action_id_action")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_link_case_id_case")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_link_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("case_id", "action_id", name=op.f("uq_link_case_id_action_id")),
    )
    op.create_index("ix_link_action_id_state", "link", ["action_id", "state"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_link_action_id_state", table_name="link")
    op.drop_table("link")
    op.drop_index(
        "uq_handover_standing",
        table_name="handover",
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'in_progress')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'in_progress')"),
    )
    op.drop_index("ix_handover_partner_id_state", table_name="handover")
    op.drop_index(op.f("ix_handover_case_id"), table_name="handover")
    op.drop_table("handover")
    op.drop_table("case_observation")
    op.drop_index("ix_tally_counted_at", table_name="tally")
    op.drop_table("tally")
    op.drop_table("queue_action")
    op.drop_index(op.f("ix_question_category_id"), table_name="question")
    op.drop_table("question")
    op.drop_index(op.f("ix_observation_received_at"), table_name="observation")
    op.drop_index(
        "ix_observation_public_cell",
        table_name="observation",
        sqlite_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
    )
    op.drop_index(
        "ix_observation_public",
        table_name="observation",
        sqlite_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"),
    )
    op.drop_index("ix_observation_network", table_name="observation")
    op.drop_index(op.f("ix_observation_category_id"), table_name="observation")
    op.drop_geospatial_index("idx_observation_point", table_name="observation", postgresql_using="gist", column_name="point")
    op.drop_geospatial_table("observation")
    op.drop_index(op.f("ix_milestone_action_id"), table_name="milestone")
    op.drop_table("milestone")
    op.drop_table("category_action")
    op.drop_index(op.f("ix_case_opened_at"), table_name="case")
    op.drop_index(
        "ix_case_open",
        table_name="case",
        sqlite_where=sa.text("state IN ('new', 'occupancy_check', 'accepted', 'handed_over', 'in_progress', 'reopen_requested')"),
        postgresql_where=sa.text("state IN ('new', 'occupancy_check', 'accepted', 'handed_over', 'in_progress', 'reopen_requested')"),
    )
    op.drop_index("ix_case_holder", table_name="case")
    op.drop_index("ix_case_closed_at", table_name="case")
    op.drop_index(op.f("ix_case_category_id"), table_name="case")
    op.drop_table("case")
    op.drop_table("action_tally")
    op.drop_table("action_support")
    op.drop_table("action_source")
    op.drop_table("rule")
    op.drop_table("place")
    op.drop_table("person")
    op.drop_index("ix_delivery_state_due_at", table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("category")
    op.drop_index(op.f("ix_action_field_id"), table_name="action")
    op.drop_table("action")
    op.drop_table("source")
    op.drop_table("signpost")
    op.drop_table("sector")
    op.drop_table("queue")
    op.drop_table("protected_site")
    op.drop_table("partner")
    op.drop_table("field")
    op.drop_index(
        "ix_event_unclaimed", table_name="event", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_index(op.f("ix_event_thread"), table_name="event")
    op.drop_index("ix_event_name_happened_at", table_name="event")
    op.drop_index(op.f("ix_event_happened_at"), table_name="event")
    op.drop_table("event")
    op.drop_table("emergency_number")
    op.drop_table("district")
    op.drop_table("city")
    op.drop_geospatial_table("boundary")
