"""The demo: a made-up network of clinics with the exports its MIS would write and the right answers beside them.

Here belong the model of the clinics (sql/), the writing of files and the truth. Reading exports does not.
"""

from orchestration.demo.generate import DemoSummary, generate_demo

__all__ = ["DemoSummary", "generate_demo"]
