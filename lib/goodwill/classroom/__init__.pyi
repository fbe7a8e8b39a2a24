# What `goodwill.classroom` offers, for editors and type checkers; at run time names are looked up here and imported when used.
from .answers import Answers as Answers
from .answers import read_answers as read_answers
from .copies import Flag as Flag
from .copies import flags as flags
from .folders import Marks as Marks
from .folders import grade_class as grade_class
from .folders import write_class as write_class
from .grading import Grade as Grade
from .grading import grade as grade
from .oracle import Oracle as Oracle
from .oracle import oracle_of as oracle_of
from .students import StudentCompany as StudentCompany
from .students import student_company as student_company
