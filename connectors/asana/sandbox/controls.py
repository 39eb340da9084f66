"""What a test or the demo does to the world of the sandbox: the people, and the furniture."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.asana.sandbox import shapes
from connectors.asana.sandbox.limits import A_MINUTE, Limits
from connectors.asana.sandbox.world import TOKEN, Field_, Job, Project, Task, Template, Token, User, Workspace
from hub.sandbox import control
from hub.sandbox.faults import Meter

JOB_STATES = ("not_started", "in_progress", "succeeded")


class AsanaSandbox(Limits):
    """Asana's memory, with the hands of people. Every control takes and gives gids.

    `work_seconds`: how long each call takes, so that calls overlap. `job_states`: what the looks at a job see, one
    after the other ("gone" for 404; the last stays); its work is done at the first "succeeded".
    """

    def __init__(self) -> None:
        super().__init__()
        self.work_seconds = 0.0
        self.job_states: Sequence[str] = JOB_STATES
        self.home = self.add_workspace("Sandbox")
        self.owner = self.add_user("Claire Dupont", "claire@example.com")
        self.add_token(TOKEN, self.owner)

    @control
    def add_workspace(self, name: str, paid: bool = True) -> str:
        """A workspace, with a team."""
        with self.lock:
            found = Workspace(self.world.gid(), name, paid)
            self.world.workspaces[found.gid] = found
            return found.gid

    @control
    def set_plan(self, paid: bool, workspace: str | None = None) -> None:
        """Move a workspace to a paid plan or to the free one; its tokens' limit follows."""
        with self.lock:
            found = self.world.workspaces[workspace or self.home]
            found.paid = paid
            for name, token in self.world.tokens.items():
                if found.gid in token.workspaces:
                    self.meters[name] = Meter(A_MINUTE[paid], 60.0)

    @control
    def add_user(self, name: str, email: str, workspace: str | None = None, guest: bool = False) -> str:
        """A person in a workspace."""
        with self.lock:
            found = User(self.world.gid(), name, email, guest)
            self.world.users[found.gid] = found
            self.world.workspaces[workspace or self.home].users.append(found.gid)
            return found.gid

    @control
    def join(self, user: str, workspace: str) -> None:
        """A person of one workspace becomes one of another; their tokens see it."""
        with self.lock:
            self.world.workspaces[workspace].users.append(user)
            for token in self.world.tokens.values():
                if token.user == user:
                    token.workspaces = (*token.workspaces, workspace)

    @control
    def add_token(self, token: str, user: str, ends_in: float | None = None) -> None:
        """A personal access token; `ends_in` seconds by the sandbox's clock."""
        with self.lock:
            seen = tuple(gid for gid, each in self.world.workspaces.items() if user in each.users)
            ends = None if ends_in is None else self.now() + timedelta(seconds=ends_in)
            self.world.tokens[token] = Token(user, seen, ends)
            paid = any(self.world.workspaces[gid].paid for gid in seen)
            self.meters[token] = Meter(A_MINUTE[paid], 60.0)

    @control
    def add_team(self, name: str) -> str:
        """A team."""
        with self.lock:
            gid = self.world.gid()
            self.world.teams[gid] = name
            return gid

    @control
    def add_project(
        self, name: str, sections: Sequence[str] = ("Untitled section",), workspace: str | None = None, **given: Any
    ) -> str:
        """A project with its sections."""
        with self.lock:
            now = self.now()
            found = Project(self.world.gid(), name, workspace or self.home, now, now, owner=self.owner, **given)
            self.world.projects[found.gid] = found
            for each in sections:
                self.add_section(found.gid, each)
            return found.gid

    @control
    def add_section(self, project: str, name: str) -> str:
        """A section at the end of a project."""
        with self.lock:
            gid = self.world.gid()
            self.world.sections[gid] = (name, project)
            self.world.projects[project].sections.append(gid)
            return gid

    @control
    def add_field(
        self, project: str, name: str, kind: str = "text", options: Sequence[str] = (), precision: int | None = None
    ) -> str:
        """A custom field of a project: text, number, enum, multi_enum, date, people."""
        with self.lock:
            known = {option: self.world.gid() for option in options}
            found = Field_(self.world.gid(), name, kind, precision, known)
            self.world.fields[found.gid] = found
            self.world.projects[project].fields.append(found.gid)
            return found.gid

    @control
    def add_tag(self, name: str, workspace: str | None = None) -> str:
        """A tag."""
        with self.lock:
            gid = self.world.gid()
            self.world.tags[gid] = (name, workspace or self.home)
            return gid

    @control
    def add_task(
        self, project: str | None, name: str, section: str | None = None, by: str | None = None, **given: Any
    ) -> str:
        """A task that a person makes: in a project, or with `parent`. Fields as the API takes them.

        `fields`: name of a custom field -> value, options and people by name.
        """
        with self.lock:
            home = self.world.projects[project] if project else None
            fields = given.pop("fields", {})
            task = self.add(by or self.owner, home, name, **given)
            task.values.update(self._fields(task, fields))
            if section and home:
                task.homes[home.gid] = self._section(home, section)
            return task.gid

    @control
    def edit_task(
        self, task: str, by: str | None = None, fields: Mapping[str, Any] | None = None, **values: Any
    ) -> None:
        """A person edits a task: its own fields, or custom ones by name."""
        with self.lock:
            found = self.living(task)
            if fields:
                values["values"] = {**found.values, **self._fields(found, fields)}
            self.edit(by or self.owner, found, **values)

    @control
    def move_task(self, task: str, project: str, section: str | None = None, by: str | None = None) -> None:
        """A person puts a task into a section, or into another project too."""
        with self.lock:
            home = self.world.projects[project]
            place = self._section(home, section) if section else home.sections[0]
            self.place(by or self.owner, self.living(task), home, place)

    @control
    def take_task_out(self, task: str, project: str, by: str | None = None) -> None:
        """A person takes a task out of a project."""
        with self.lock:
            self.take_out(by or self.owner, self.living(task), self.world.projects[project])

    @control
    def delete_task(self, task: str, by: str | None = None) -> None:
        """A person puts a task into the trash."""
        with self.lock:
            self.delete(by or self.owner, self.living(task))

    @control
    def restore_task(self, task: str, by: str | None = None) -> None:
        """A person takes a task out of the trash."""
        with self.lock:
            self.restore(by or self.owner, self.world.tasks[task])

    @control
    def add_comment(self, task: str, text: str, by: str | None = None) -> None:
        """A person says something about a task."""
        with self.lock:
            self.comment(by or self.owner, self.living(task), text)

    @control
    def change_project(self, project: str, by: str | None = None, **values: Any) -> None:
        """A person renames, archives or deletes a project (`deleted`)."""
        with self.lock:
            self.edit_project(by or self.owner, self.world.projects[project], **values)

    @control
    def add_template(self, name: str, project: str, dates: Sequence[tuple[str, str]] = (("1", "Start Date"),)) -> str:
        """A project template with the sections and tasks of this project, which nobody sees any more."""
        with self.lock:
            self.world.projects[project].template = True
            found = Template(self.world.gid(), name, project, [(gid, each) for gid, each in dates])
            self.world.templates[found.gid] = found
            return found.gid

    @control
    def expire_syncs(self) -> None:
        """Forget every sync token, as Asana may at any time."""
        with self.lock:
            self.world.syncs.clear()

    @control
    def finish_jobs(self) -> None:
        """Do the work of every job, whoever looks."""
        with self.lock:
            for job in self.world.jobs.values():
                self._work(job)

    @control
    def task(self, task: str) -> dict[str, Any]:
        """A task, whole, deleted or not."""
        with self.lock:
            return shapes.task(self.world, self.world.tasks[task])

    @control
    def tasks(self, project: str) -> list[dict[str, Any]]:
        """The living tasks of a project, whole."""
        with self.lock:
            found = [each for each in self.world.tasks.values() if project in each.homes and not each.deleted]
            return [shapes.task(self.world, each) for each in found]

    def looked(self, job: Job) -> str | None:
        """The state of a job that this look sees; None for 404."""
        state = job.script.pop(0) if len(job.script) > 1 else job.script[0]
        if state == "succeeded":
            self._work(job)
        return None if state == "gone" else state

    def _work(self, job: Job) -> None:
        work, job.work = job.work, []
        for each in work:
            each()

    def _section(self, project: Project, name: str) -> str:
        return next(gid for gid in project.sections if self.world.sections[gid][0] == name)

    def _fields(self, task: Task, named: Mapping[str, Any]) -> dict[str, Any]:
        there = {self.world.fields[gid].name: self.world.fields[gid] for home in task.homes for gid in self._of(home)}
        people = {each.name: each.gid for each in self.world.users.values()}
        values = {}
        for name, value in named.items():
            field = there[name]
            known = {**field.options, **(people if field.kind == "people" else {})}
            many = isinstance(value, list | tuple)
            values[field.gid] = [known[each] for each in value] if many else known.get(value, value) if known else value
        return values

    def _of(self, project: str) -> list[str]:
        return self.world.projects[project].fields
