"""The release before goes on serving while and after a database is migrated: a new script takes nothing away from it.

What nothing reads any more is taken away by a later release, whose script says so in `CONTRACTS`.
"""

import ast
from collections.abc import Iterator

import pytest

from cohab_report.db import MIGRATIONS

BINDING_SINCE = "20261201"
"""The day from which scripts are bound; the ones before came with no release."""
TAKES_AWAY = {"drop_column", "drop_table", "rename_table"}


def faults(script: str) -> list[str]:
    """Returns a sentence for each thing that the upgrade takes away from the code before it."""
    tree = ast.parse(script)
    if any(isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "CONTRACTS" for each in tree.body):
        return []
    upgrades = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name != "downgrade"]
    return [fault for upgrade in upgrades for call in calls(upgrade) for fault in faults_of_call(call)]


def calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))


def faults_of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = {word.arg: ast.unparse(word.value) for word in call.keywords}
    if name in TAKES_AWAY:
        yield f"{name}: the code before still reads it"
    if name == "alter_column" and "new_column_name" in given:
        yield "alter_column renames: the code before knows the old name"
    if name == "alter_column" and given.get("nullable") == "False":
        yield "alter_column refuses what the code before leaves empty"
    if name == "add_column":
        for column in (each for each in ast.walk(call) if isinstance(each, ast.Call)):
            facts = {word.arg: ast.unparse(word.value) for word in column.keywords}
            if facts.get("nullable") == "False" and "server_default" not in facts:
                yield "add_column refuses rows of the code before: it needs a server_default"
    if name == "execute" and any(
        word in ast.unparse(call).upper() for word in (" DROP COLUMN", "RENAME ", "DROP TABLE")
    ):
        yield "execute takes something away"


def test_no_migration_takes_away_what_the_release_before_needs():
    scripts = [path for path in sorted(MIGRATIONS.glob("versions/*.py")) if path.stem >= BINDING_SINCE]
    found = {path.name: faults(path.read_text(encoding="utf-8")) for path in scripts}
    assert not {name: each for name, each in found.items() if each}


@pytest.mark.parametrize(
    "line",
    [
        "op.drop_column('observation', 'x')",
        "op.rename_table('a', 'b')",
        "batch_op.alter_column('a', new_column_name='b')",
        "batch_op.alter_column('a', nullable=False)",
        "op.add_column('a', sa.Column('b', sa.Text(), nullable=False))",
        "op.execute('ALTER TABLE a RENAME COLUMN b TO c')",
    ],
)
def test_what_takes_away_is_found_unless_it_is_marked(line: str):
    script = f"def upgrade():\n    {line}\n"
    assert len(faults(script)) == 1
    assert faults(f"CONTRACTS = 'nothing reads it since 2026.11'\n{script}") == []
    assert faults(f"def downgrade():\n    {line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "op.create_table('a', sa.Column('b', sa.Text(), nullable=False))",
        "op.add_column('a', sa.Column('b', sa.Text(), nullable=False, server_default=''))",
        "op.create_index('a', 'b', ['c'])",
    ],
)
def test_what_only_adds_is_left_alone(line: str):
    assert faults(f"def upgrade():\n    {line}\n") == []
