"""Which layer of a network a converter stumbled over."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager

from torch import fx
from torch.export import ExportedProgram

_NODE = re.compile(r"%(\w+)")
_OPERATOR = re.compile(r"aten(?:\.|::)_?(\w+)")


@contextmanager
def naming_layers(graph: Callable[[], ExportedProgram]) -> Generator[None]:
    """Whatever is raised inside is given a note that names the layer, if its words say which.

    Args:
        graph: Gives the graph that is converted; asked for only then.
    """
    try:
        yield
    except Exception as error:
        layer = layer_of(graph(), str(error))
        if layer is not None:
            error.add_note(layer)
        raise


def layer_of(program: ExportedProgram, words: str) -> str | None:
    """The first layer whose node or operator stands in the words of an error; None if none does."""
    nodes = [node for node in program.graph.nodes if node.op == "call_function"]
    named = set(_NODE.findall(words))
    operators = set(_OPERATOR.findall(words))
    found = [node for node in nodes if node.name in named]
    found += [node for node in nodes if _operator(node) in operators]
    return _place(found[0]) if found else None


def _operator(node: fx.Node) -> str:
    """The bare name, such as `conv2d`."""
    found = _OPERATOR.match(str(node.target))
    return found.group(1) if found else ""


def _place(node: fx.Node) -> str:
    stack = list(node.meta.get("nn_module_stack", {}).values())
    path, kind = stack[-1] if stack else ("", "")
    line = _line(node.meta.get("stack_trace") or "")
    layer = f"layer {path!r} ({str(kind).rpartition('.')[2]})" if path else "the network itself"
    return f"It is {_operator(node)} in {layer}{line}."


def _line(trace: str) -> str:
    """Where the last line of our own or a model's source stands."""
    calls = re.findall(r'File "([^"]+)", line (\d+)', trace)
    return f", {calls[-1][0]}:{calls[-1][1]}" if calls else ""
