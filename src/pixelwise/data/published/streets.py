"""The classes of Cityscapes, CamVid and Waymo Open."""

from dataclasses import dataclass

from pixelwise.core.classes import Classes
from pixelwise.core.palette import Colour
from pixelwise.data.masks.written import Contract

NOT_EVALUATED = 255


@dataclass(frozen=True, slots=True)
class StreetLabel:
    """One label of Cityscapes: its number in masks, its class in training, its colour in pictures."""

    number: int
    name: str
    train: int
    colour: Colour


CITYSCAPES_LABELS = (
    StreetLabel(0, "unlabeled", NOT_EVALUATED, (0, 0, 0)),
    StreetLabel(1, "ego vehicle", NOT_EVALUATED, (0, 0, 0)),
    StreetLabel(2, "rectification border", NOT_EVALUATED, (0, 0, 0)),
    StreetLabel(3, "out of roi", NOT_EVALUATED, (0, 0, 0)),
    StreetLabel(4, "static", NOT_EVALUATED, (0, 0, 0)),
    StreetLabel(5, "dynamic", NOT_EVALUATED, (111, 74, 0)),
    StreetLabel(6, "ground", NOT_EVALUATED, (81, 0, 81)),
    StreetLabel(7, "road", 0, (128, 64, 128)),
    StreetLabel(8, "sidewalk", 1, (244, 35, 232)),
    StreetLabel(9, "parking", NOT_EVALUATED, (250, 170, 160)),
    StreetLabel(10, "rail track", NOT_EVALUATED, (230, 150, 140)),
    StreetLabel(11, "building", 2, (70, 70, 70)),
    StreetLabel(12, "wall", 3, (102, 102, 156)),
    StreetLabel(13, "fence", 4, (190, 153, 153)),
    StreetLabel(14, "guard rail", NOT_EVALUATED, (180, 165, 180)),
    StreetLabel(15, "bridge", NOT_EVALUATED, (150, 100, 100)),
    StreetLabel(16, "tunnel", NOT_EVALUATED, (150, 120, 90)),
    StreetLabel(17, "pole", 5, (153, 153, 153)),
    StreetLabel(18, "polegroup", NOT_EVALUATED, (153, 153, 153)),
    StreetLabel(19, "traffic light", 6, (250, 170, 30)),
    StreetLabel(20, "traffic sign", 7, (220, 220, 0)),
    StreetLabel(21, "vegetation", 8, (107, 142, 35)),
    StreetLabel(22, "terrain", 9, (152, 251, 152)),
    StreetLabel(23, "sky", 10, (70, 130, 180)),
    StreetLabel(24, "person", 11, (220, 20, 60)),
    StreetLabel(25, "rider", 12, (255, 0, 0)),
    StreetLabel(26, "car", 13, (0, 0, 142)),
    StreetLabel(27, "truck", 14, (0, 0, 70)),
    StreetLabel(28, "bus", 15, (0, 60, 100)),
    StreetLabel(29, "caravan", NOT_EVALUATED, (0, 0, 90)),
    StreetLabel(30, "trailer", NOT_EVALUATED, (0, 0, 110)),
    StreetLabel(31, "train", 16, (0, 80, 100)),
    StreetLabel(32, "motorcycle", 17, (0, 0, 230)),
    StreetLabel(33, "bicycle", 18, (119, 11, 32)),
)
LICENSE_PLATE = "license plate"  # number -1, never drawn: what it is on stays


def cityscapes_classes(*, by_train: bool) -> Classes:
    """The 19 classes that Cityscapes evaluates, with their numbers in masks of either kind."""
    counted = [label for label in CITYSCAPES_LABELS if label.train != NOT_EVALUATED]
    others = tuple(label.number for label in CITYSCAPES_LABELS if label.train == NOT_EVALUATED)
    return Classes(
        names=tuple(label.name for label in counted),
        colours=tuple(label.colour for label in counted),
        values=tuple(label.train if by_train else label.number for label in counted),
        ignored=(NOT_EVALUATED,) if by_train else (*others, 255),  # 255: -1 in 8 bits
    )


CAMVID_COLOURS: dict[str, Colour] = {
    "Animal": (64, 128, 64),
    "Archway": (192, 0, 128),
    "Bicyclist": (0, 128, 192),
    "Bridge": (0, 128, 64),
    "Building": (128, 0, 0),
    "Car": (64, 0, 128),
    "CartLuggagePram": (64, 0, 192),
    "Child": (192, 128, 64),
    "Column_Pole": (192, 192, 128),
    "Fence": (64, 64, 128),
    "LaneMkgsDriv": (128, 0, 192),
    "LaneMkgsNonDriv": (192, 0, 64),
    "Misc_Text": (128, 128, 64),
    "MotorcycleScooter": (192, 0, 192),
    "OtherMoving": (128, 64, 64),
    "ParkingBlock": (64, 192, 128),
    "Pedestrian": (64, 64, 0),
    "Road": (128, 64, 128),
    "RoadShoulder": (128, 128, 192),
    "Sidewalk": (0, 0, 192),
    "SignSymbol": (192, 128, 128),
    "Sky": (128, 128, 128),
    "SUVPickupTruck": (64, 128, 192),
    "TrafficCone": (0, 0, 64),
    "TrafficLight": (0, 64, 64),
    "Train": (192, 64, 128),
    "Tree": (128, 128, 0),
    "Truck_Bus": (192, 128, 192),
    "Tunnel": (64, 0, 64),
    "VegetationMisc": (192, 192, 0),
    "Wall": (64, 192, 0),
}
CAMVID_VOID: Colour = (0, 0, 0)
CAMVID = Contract(
    Classes(tuple(CAMVID_COLOURS), tuple(CAMVID_COLOURS.values())),
    ignored_colours=(CAMVID_VOID,),
    has_colours=True,
)

CAMVID_GROUPS: dict[str, tuple[str, ...]] = {
    "Sky": ("Sky",),
    "Building": ("Building", "Archway", "Bridge", "Tunnel", "Wall"),
    "Pole": ("Column_Pole", "TrafficCone"),
    "Road": ("Road", "LaneMkgsDriv", "LaneMkgsNonDriv"),
    "Pavement": ("Sidewalk", "ParkingBlock", "RoadShoulder"),
    "Tree": ("Tree", "VegetationMisc"),
    "SignSymbol": ("SignSymbol", "Misc_Text", "TrafficLight"),
    "Fence": ("Fence",),
    "Car": ("Car", "SUVPickupTruck", "Truck_Bus", "Train", "OtherMoving"),
    "Pedestrian": ("Pedestrian", "Child", "CartLuggagePram", "Animal"),
    "Bicyclist": ("Bicyclist", "MotorcycleScooter"),
}
CAMVID_11 = Classes(
    names=tuple(CAMVID_GROUPS),
    colours=(
        *((128, 128, 128), (128, 0, 0), (192, 192, 128), (128, 64, 128), (60, 40, 222), (128, 128, 0)),
        *((192, 128, 128), (64, 64, 128), (64, 0, 128), (64, 64, 0), (0, 128, 192)),
    ),
    ignored=(11,),
)

WAYMO_COLOURS: dict[str, Colour] = {  # in order of their numbers, from 1
    "ego vehicle": (102, 102, 102),
    "car": (0, 0, 142),
    "truck": (0, 0, 70),
    "bus": (0, 60, 100),
    "other large vehicle": (61, 133, 198),
    "bicycle": (119, 11, 32),
    "motorcycle": (0, 0, 230),
    "trailer": (111, 168, 220),
    "pedestrian": (220, 20, 60),
    "cyclist": (255, 0, 0),
    "motorcyclist": (180, 0, 0),
    "bird": (127, 96, 0),
    "ground animal": (91, 15, 0),
    "construction cone or pole": (230, 145, 56),
    "pole": (153, 153, 153),
    "pedestrian object": (234, 153, 153),
    "sign": (246, 178, 107),
    "traffic light": (250, 170, 30),
    "building": (70, 70, 70),
    "road": (128, 64, 128),
    "lane marker": (234, 209, 220),
    "road marker": (217, 210, 233),
    "sidewalk": (244, 35, 232),
    "vegetation": (107, 142, 35),
    "sky": (70, 130, 180),
    "ground": (102, 102, 102),
    "dynamic": (102, 102, 102),
    "static": (102, 102, 102),
}
WAYMO = Classes(
    tuple(WAYMO_COLOURS),
    tuple(WAYMO_COLOURS.values()),
    values=tuple(range(1, len(WAYMO_COLOURS) + 1)),
    ignored=(0,),
)
