import{J as t,w as o}from"./chunk-MK6KH65Y.js";function a({site:r}){return t("h2",{"data-site":r,children:o("tab_import")})}export{a as ImportPage};
