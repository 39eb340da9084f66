"""Every SQL statement of the hub: tables, migrations, and one module of functions per table."""
